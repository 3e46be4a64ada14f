// The script that adapters serve as `client.js`: bundled into one file that runs as a classic script.
import { connect } from './connect.ts'
import { type Page, runScript } from './page-script.ts'

// Null for a module, which is given no element; what the tag would say then has its defaults.
runScript(window as Page, document.currentScript as HTMLScriptElement | null, connect)
