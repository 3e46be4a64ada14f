// The script that adapters serve as `client.js`: bundled into one file that runs as a classic script.
import { connect } from './connect.ts'
import { type Page, runScript } from './page-script.ts'

// A program may declare a global of this name with a type of its own.
const page: unknown = window
// Null for a module, which is given no element; what the tag would say then has its defaults.
runScript(page as Page, document.currentScript as HTMLScriptElement | null, connect)
