import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Browsers of the last two years: what `light-dark()` and the Web Locks of several tabs need. */
const browsers = ['chrome123', 'edge123', 'firefox122', 'safari17.5']

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwind()],
  // Its modern build; the one it gives by default is for browsers of long ago.
  resolve: { alias: { dexie: 'dexie/dist/modern/dexie.min.mjs' } },
  build: {
    target: browsers,
    cssTarget: browsers,
    modulePreload: { polyfill: false },
    // Nothing inline: the page's policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    emptyOutDir: true,
  },
  server: { proxy: { '/v1': { target: process.env.PARLEY_SERVER ?? 'http://127.0.0.1:8080', ws: true } } },
})
