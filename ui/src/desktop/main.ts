import '$/shared/theme/theme.css';

import { mount } from 'svelte';

import DesktopApp from '$/views/desktop/DesktopApp.svelte';

import { shell } from './shell';

// The theme follows the system for as long as the window is open.
const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => {
  document.documentElement.dataset['theme'] = dark.matches ? 'dark' : 'light';
});

const target = document.getElementById('app');
if (target) mount(DesktopApp, { target, props: { shell } });
