import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Two builds of one code base: `--mode web` for the coordinator, `--mode desktop` for the app.
 * Each entry is a folder with its own index.html; everything else is shared.
 */
export default defineConfig(({ mode }) => {
  const entry = mode === 'desktop' ? 'desktop' : 'web';
  const coordinator = process.env['COORD_SERVER'] ?? 'http://127.0.0.1:8420';
  return {
    root: here(`./src/${entry}`),
    // The web app is served from "/"; the window loads its files next to index.html.
    base: '/',
    publicDir: here('./public'),
    resolve: { alias: { $: here('./src') } },
    plugins: [tailwindcss(), svelte({ configFile: here('./svelte.config.js') })],
    build: {
      outDir: here(`./dist/${entry}`),
      emptyOutDir: true,
      // WebKitGTK of Debian 12 and Safari 16.4 are the oldest engines in use.
      target: ['es2022', 'safari16.4'],
      reportCompressedSize: false,
      // Small files stay files, so that a strict content security policy needs no data: addresses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: {
      port: entry === 'desktop' ? 1420 : 5173,
      strictPort: true,
      host: '127.0.0.1',
      proxy: { '/api': { target: coordinator, changeOrigin: false } },
    },
    test: { root: here('./'), include: ['src/**/*.test.ts'], environment: 'node' },
  };
});
