/** File descriptors of a runner, beside stdin, stdout, stderr and the channel for messages (3). */
export const RUNNER_DESCRIPTORS = { output: 4, guard: 5, input: 6 } as const
