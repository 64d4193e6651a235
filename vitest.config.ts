import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'scripts/**/*.test.ts', 'engines/**/*.test.ts'],
    // Tests of rings take minutes and engines of their own: npm run test:cluster.
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      ...(process.env.PARLEY_TEST_LONG === 'yes' ? [] : ['**/*.ring.test.ts']),
    ],
    // Engines that run for tests of their adapters make no cluster of every server that a test starts.
    // Nor is the web app built for each of them.
    env: { PARLEY_STORE: 'sqlite', PARLEY_WEB: 'off' },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Two cores: tests that start servers and count time share them badly with more.
    maxWorkers: 2,
    forceRerunTriggers: [],
  },
})
