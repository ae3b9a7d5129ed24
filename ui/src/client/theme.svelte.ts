/** What a person wishes; `system` follows the machine. */
export type ThemeWish = 'system' | 'light' | 'dark';

const key = 'coord.theme';

function stored(): ThemeWish {
  try {
    const wish = localStorage.getItem(key);
    return wish === 'light' || wish === 'dark' ? wish : 'system';
  } catch {
    return 'system';
  }
}

/** The theme of the page; theme.js has set it once before the first paint. */
class Theme {
  wish = $state<ThemeWish>(stored());
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.#dark.addEventListener('change', () => this.#apply());
    // Another tab may have chosen.
    addEventListener('storage', (event) => {
      if (event.key !== key) return;
      this.wish = stored();
      this.#apply();
    });
  }

  /** Chooses, and keeps it for the next visit. */
  choose(wish: ThemeWish): void {
    this.wish = wish;
    try {
      if (wish === 'system') localStorage.removeItem(key);
      else localStorage.setItem(key, wish);
    } catch {
      // Without storage the choice lasts until the page is left.
    }
    this.#apply();
  }

  #apply(): void {
    const dark = this.wish === 'dark' || (this.wish === 'system' && this.#dark.matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }
}

export const theme = new Theme();
