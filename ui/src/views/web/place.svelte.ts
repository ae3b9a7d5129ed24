import { match } from './routes';

/** Where the reader is; the address bar is the truth. */
class Place {
  url = $state.raw(new URL(location.href));
  readonly route = $derived(match(this.url.pathname, this.url.searchParams));
  readonly path = $derived(this.url.pathname + this.url.search);

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#clicked(event));
  }

  /** Goes to another page of the app. */
  go(address: string, { replace = false }: { replace?: boolean } = {}): void {
    const from = this.url.pathname;
    if (replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.#read();
    if (from !== this.url.pathname) scrollTo(0, 0);
  }

  /** Changes what the address says beside its path; an empty value leaves it out. */
  refine(changes: Record<string, string | undefined>): void {
    const next = new URL(this.url);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === '') next.searchParams.delete(name);
      else next.searchParams.set(name, value);
    }
    this.go(next.href, { replace: true });
  }

  #read(): void {
    this.url = new URL(location.href);
  }

  /** Follows links of the app without loading the page anew. */
  #clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || link.pathname.startsWith('/api/') || link.hash !== '') return;
    event.preventDefault();
    if (link.href !== location.href) this.go(link.href);
  }
}

export const place = new Place();
