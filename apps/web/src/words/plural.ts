/** Picks the form that a language uses for `count`; `other` where it has no form of its own here. */
export function pluralFor(locale: string) {
  const rules = new Intl.PluralRules(locale)
  const number = new Intl.NumberFormat(locale)
  return (count: number, forms: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>): string =>
    (forms[rules.select(count)] ?? forms.other).replace('#', number.format(count))
}
