// What drawing takes: loaded where a terminal is drawn on.
export { MultiBar } from 'cli-progress'
export { default as truncated } from 'cli-truncate'
export { default as ora } from 'ora'
export { default as widthOf } from 'string-width'
