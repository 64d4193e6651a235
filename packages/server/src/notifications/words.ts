/** What a notification says where the app has no words of its own. */
interface Words {
  title: string
  count(messages: number): string
}

const languages: Record<string, Words> = {
  en: { title: 'Parley', count: (n) => (n === 1 ? 'New message' : `${n} new messages`) },
  de: { title: 'Parley', count: (n) => (n === 1 ? 'Neue Nachricht' : `${n} neue Nachrichten`) },
}

/** `locale`: as the user's settings say, such as `de-CH`. */
export function wordsFor(locale: string | undefined): Words {
  return languages[locale?.slice(0, 2).toLowerCase() ?? 'en'] ?? (languages.en as Words)
}
