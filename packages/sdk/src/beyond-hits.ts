// What nobody needs whose small result is there already. It is loaded together, where there is more to be done: a short
// process would take longer to load it than for much of what it does.
export { downloadFile } from './download/download-file.js'
export { waitForEntry } from './entry/wait-for-entry.js'
export { FollowedOutput } from './following/followed-output.js'
export { isGone, runByStages } from './run/run-by-stages.js'
export { runByStream } from './run/run-by-stream.js'
export { uploadContent } from './upload/upload-content.js'
