/** What runs command-line tools, for operations that call some by themselves. */
export { findTool } from '../operations/find-tool.js'
export { MissingToolError } from './missing-tool-error.js'
export { runTool, type ToolEnd, type ToolRun } from './run-tool.js'
export { type ToolOutput, takeOutput } from './take-output.js'
