// Sets the theme before the first paint; loaded in the head and without `defer` on purpose.
(function () {
  var wish = null;
  try {
    wish = localStorage.getItem('coord.theme');
  } catch {
    // Storage can be switched off; the system's theme is used then.
  }
  var dark = wish === 'dark' || (wish !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
