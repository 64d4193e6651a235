import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { applyTheme } from './app/theme.ts'
import { startDevice } from './client/start-device.ts'
import './design/tokens.css'
import { loadWords, preferredLanguage } from './words/words.ts'

applyTheme()
const language = preferredLanguage()
document.documentElement.lang = language
const [device, words] = await Promise.all([startDevice(), loadWords(language)])
createRoot(document.getElementById('root') as HTMLElement).render(
  <App device={device} language={language} words={words} />,
)
