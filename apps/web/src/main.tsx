import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { applyTheme } from './app/theme.ts'
import { startDevice } from './client/start-device.ts'
import { keepApp } from './offline/updates.ts'
import './design/tokens.css'
import { loadWords, preferredLanguage } from './words/words.ts'

applyTheme()
const language = preferredLanguage()
document.documentElement.lang = language
const [device, words] = await Promise.all([startDevice(), loadWords(language)])
createRoot(document.getElementById('root') as HTMLElement).render(
  <App device={device} language={language} words={words} />,
)
// After the first paint: it loads the rest of the app.
if (document.readyState === 'complete') keepApp()
else addEventListener('load', keepApp)
