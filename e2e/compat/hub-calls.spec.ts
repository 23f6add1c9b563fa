// The calls of huggingface_hub and of its command `hf`, made by the newest client and sent to the built command.

import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test as base } from '@playwright/test'
import { startGateway } from '../stage/startGateway.ts'

const python = process.env['COMPAT_PYTHON'] ?? 'python3'
const run = promisify(execFile)

interface Client {
  /** A folder for local files. */
  readonly work: string
  /** Runs a program of the client's virtual environment, and returns what it prints. */
  readonly call: (program: string, ...args: readonly string[]) => Promise<string>
}

const test = base.extend<{ client: Client }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright wants a pattern here
  client: async ({}, use, info) => {
    const hub = await startGateway(undefined)
    const work = info.outputPath('work')
    await mkdir(work, { recursive: true })
    const env = {
      ...process.env,
      HF_ENDPOINT: hub.url,
      HF_HOME: info.outputPath('home'),
      HF_TOKEN: 'hf_tester',
      HF_HUB_DISABLE_TELEMETRY: '1',
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
      HF_HUB_DISABLE_UPDATE_CHECK: '1',
      NO_COLOR: '1',
      PYTHONDONTWRITEBYTECODE: '1',
    }
    await use({
      work,
      call: async (program, ...args) => {
        const path = join(dirname(python), program)
        const { stdout } = await run(path, args, { env, cwd: work, timeout: 50_000 })
        return stdout
      },
    })
    await hub.close()
  },
})

/** Calls for features that this hub does not have. All other calls of the script must work. */
const absent = `
  permanently_delete_lfs_files, create_discussion, create_pull_request, get_repo_discussions, get_discussion_details,
  merge_pull_request, list_collections, create_collection, get_space_runtime, get_space_variables, add_space_secret,
  request_space_hardware, pause_space, restart_space, list_spaces_hardware, list_space_templates, search_spaces,
  list_user_repos, list_models by tag, get_model_tags, list_repo_likers, list_liked_repos, list_pending_access_requests,
  grant_access, list_webhooks, get_user_overview, get_organization_overview, list_papers, list_daily_papers, list_jobs,
  list_scheduled_jobs, list_buckets, create_bucket, kernel_info, get_dataset_leaderboard,
  get_sharded_safetensors_metadata`
  .trim()
  .split(/,\s+/)

/** Runs a script that makes calls. Returns the result of each and prints them as a table. */
async function outcomes({ call, work }: Client, script: string): Promise<Record<string, string>> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const printed = await call('python', path, work)
  const results = JSON.parse(printed.trim().split('\n').at(-1)!) as Record<string, string>
  for (const [name, outcome] of Object.entries(results)) console.log(`${outcome}\t${name}`)
  return results
}

test('every call of huggingface_hub about files and repositories works, and others answer 501', async ({
  client,
}) => {
  const results = await outcomes(client, 'hub_calls.py')
  const expected = Object.keys(results).map((call) => [call, absent.includes(call) ? '501' : 'ok'])
  expect(results).toEqual(Object.fromEntries(expected))
  expect(Object.keys(results)).toEqual(expect.arrayContaining(absent))
  expect(Object.keys(results).length - absent.length).toBeGreaterThan(40)
})

test('the commands of hf upload, download, and manage repositories', async ({ client }) => {
  const results = await outcomes(client, 'hf_commands.py')
  expect(Object.entries(results).filter(([, outcome]) => outcome !== 'ok')).toEqual([])
  expect(Object.keys(results).length).toBeGreaterThan(12)
})

test('the program hf uploads a folder and downloads it again', async ({ client }) => {
  const { call, work } = client
  await mkdir(join(work, 'up'))
  const bytes = Buffer.alloc(100_000, 7)
  await writeFile(join(work, 'up', 'a.bin'), bytes)
  await call('hf', 'upload', 'me/program', 'up')
  await call('hf', 'download', 'me/program', '--local-dir', 'down')
  expect(await readFile(join(work, 'down', 'a.bin'))).toEqual(bytes)
})
