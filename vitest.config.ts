import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// Inside the repository the packages are tested from their sources; what is spawned as a process of its own
// (the command line, operation runners) is the built code, so `pnpm test` builds first.
const conditions = ['opcache-source', ...defaultServerConditions]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/test/**/*.test.ts'],
    // For what hangs: how long a test takes says more about the machine than about the code.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
})
