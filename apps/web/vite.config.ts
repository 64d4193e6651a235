import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { emojiData } from './emoji-data.ts'

/** Browsers of the last two years: what `light-dark()` and the Web Locks of several tabs need. */
const browsers = ['chrome123', 'edge123', 'firefox122', 'safari17.5']

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    react(),
    tailwind(),
    emojiData(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/offline',
      filename: 'service-worker.ts',
      injectRegister: null,
      injectManifest: { globPatterns: ['**/*.{js,css,html,svg,png,webmanifest}'] },
      manifest: {
        id: '/',
        name: 'Parley',
        short_name: 'Parley',
        description: 'Messages on your own server',
        start_url: '/',
        display: 'standalone',
        background_color: '#f3f3f8',
        theme_color: '#4f46c8',
        categories: ['social'],
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
      },
    }),
  ],
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
