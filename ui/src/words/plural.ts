const rules = new Intl.PluralRules('en');

/** "1 runner", "3 runners": the count with the noun in its form. */
export function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en')} ${rules.select(n) === 'one' ? one : many}`;
}
