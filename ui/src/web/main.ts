import '$/shared/theme/theme.css';

import { mount } from 'svelte';

import App from './App.svelte';

// After an update of the server the files of the loaded page are gone; loading it anew brings the new ones.
addEventListener('vite:preloadError', (event) => {
  const key = 'coord.reloaded';
  const last = Number(sessionStorage.getItem(key));
  if (Date.now() - last < 10_000) return;
  sessionStorage.setItem(key, String(Date.now()));
  event.preventDefault();
  location.reload();
});

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element with the id "app"');
mount(App, { target });
