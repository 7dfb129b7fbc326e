/** From which weight on a line is written: `debug` adds opens and attempts, `warn` leaves out requests that went well. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
