import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

/** What each folder may not import, with the reason; imports only point down. */
const layers = [
  ['shared', ['$/client/*', '$/views/*', '$/web/*', '$/desktop/*'], 'shared/ looks without data'],
  ['client', ['$/shared/*', '$/views/*', '$/web/*', '$/desktop/*'], 'client/ holds data without looks'],
  ['views/web', ['$/views/desktop/*', '$/web/*', '$/desktop/*'], 'a view knows no entry'],
  ['views/desktop', ['$/views/web/*', '$/web/*', '$/desktop/*'], 'a view knows no entry'],
];

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/client/generated/'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: {
        projectService: true,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-param-reassign': 'error',
      'svelte/no-at-html-tags': 'error',
      'svelte/button-has-type': 'error',
      'svelte/require-each-key': 'error',
      // Addresses are built by the typed routes, not by SvelteKit.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  { files: ['*.js', '*.ts', 'public/*.js'], ...ts.configs.disableTypeChecked },
  ...layers.map(([folder, group, message]) => ({
    files: [`src/${folder}/**/*.{ts,svelte}`],
    rules: {
      // The type of what is drawn may be named everywhere; only code has a direction.
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group, message, allowTypeImports: true }] },
      ],
    },
  })),
);
