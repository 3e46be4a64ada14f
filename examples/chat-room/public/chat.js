// The page's script: everything listens first, and then the stream opens.
import { showClock } from './clock.js'
import { startComposer } from './composer.js'
import { showMessages } from './messages.js'
import { showStatus } from './status.js'
import { showTasks } from './tasks.js'

showClock()
showTasks()
startComposer()

// The script tag before this one has data-connect="manual", and the cursor of the history in this page: the stream goes on from there.
// Modules run late, and a connection that opened by itself could have handed out an event before anybody here listened.
const client = globalThis.Trunkline.connect()
showStatus(client)
showMessages(client)
