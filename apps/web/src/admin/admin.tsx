import { EmptyState } from '../design/empty-state.tsx'
import { SettingsIcon } from '../design/icons.tsx'
import { useWords } from '../words/words.ts'

/** The operator's page. */
export function Admin() {
  const words = useWords()
  return <EmptyState icon={<SettingsIcon size={30} />} title={words.admin.title} />
}
