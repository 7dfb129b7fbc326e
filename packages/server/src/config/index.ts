/** What a configuration file needs; importing it loads nothing of the server. */
export { defineConfig, type ServerConfig } from './server-config.js'
