const rules = new Intl.PluralRules('en');

const numbers = new Intl.NumberFormat('en');

/** "12,345": a number as people write it. */
export function number(n: number): string {
  return numbers.format(n);
}

/** "1 runner", "3 runners": the count with the noun in its form. */
export function count(n: number, one: string, many: string): string {
  return `${number(n)} ${rules.select(n) === 'one' ? one : many}`;
}
