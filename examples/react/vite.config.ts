import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

const { PORT: port = '3000' } = process.env

export default defineConfig({
  plugins: [react()],
  // For `pnpm dev`: Vite has the pages, the server the data and the events.
  server: { proxy: { '/api': `http://localhost:${port}`, '/realtime': `http://localhost:${port}` } },
  // In this repository the packages are used from their sources. Your own application does without this line.
  resolve: { conditions: ['@trunkline/source', ...defaultClientConditions] },
})
