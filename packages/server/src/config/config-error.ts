/** A configuration file that cannot be used: where, and why. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
