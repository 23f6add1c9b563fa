// Attacks on whole repositories: by the holder of a token for another repository, and by many changes at once.

import assert from 'node:assert/strict'
import { tokens, type Target } from './target.ts'

interface Answer {
  readonly status: number
  readonly text: string
}

async function ask(
  { url }: Target,
  method: string,
  path: string,
  body?: object,
  token: string = tokens.holder,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const init = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(url + path, { method, headers, ...init })
  return { status: response.status, text: await response.text() }
}

const fileOf = (path: string, content = 'secret'): object => ({
  key: 'file',
  value: { path, content },
})

function of(name: string): string {
  return `/api/models/${name}`
}

/** A token of another repository can neither read, change nor copy a private one, by any route. */
export async function neighbour(target: Target): Promise<string> {
  const secret = 'attack/secret'
  const at = of(secret)
  await ask(target, 'POST', '/api/repos/create', { name: secret, private: true })
  assert.equal((await ask(target, 'POST', `${at}/commit/main`, fileOf('s.txt'))).status, 200)
  await ask(target, 'POST', `${at}/commit/main?create_pr=1`, fileOf('pr.txt'))
  const own = 'attack/neighbour'
  const attempts: readonly (readonly [method: string, path: string, body?: object])[] = [
    ['GET', `/${secret}/resolve/main/s.txt`],
    ['GET', `/${secret.toUpperCase()}/raw/main/s.txt`],
    ['GET', `/${secret}/raw/refs%2Fpr%2F1/pr.txt`],
    ['GET', at],
    ['GET', `${at}/tree/main?expand=true`],
    ['GET', `${at}/refs`],
    ['GET', `${at}/commits/main`],
    ['GET', `${at}/lfs-files`],
    ['GET', `${at}/xet-read-token/main`],
    ['GET', `${at}/xet-write-token/main`],
    ['POST', `${at}/paths-info/main`, { paths: ['s.txt'] }],
    ['POST', `${at}/preupload/main`, { files: [] }],
    ['POST', `${at}/commit/main`, fileOf('x')],
    ['POST', `${at}/duplicate`, { repository: own }],
    ['POST', `${at}/lfs-files/duplicate`, { target: { type: 'model', name: own }, files: [] }],
    ['POST', `${at}/super-squash/main`, {}],
    ['POST', `${at}/branch/x`, {}],
    ['POST', `${at}/tag/main`, { tag: 'x' }],
    ['PUT', `${at}/settings`, { private: false }],
    ['POST', '/api/repos/move', { fromRepo: secret, toRepo: own }],
    ['POST', '/api/repos/move', { fromRepo: own, toRepo: secret }],
    ['POST', '/api/repos/create', { name: secret }],
    ['DELETE', '/api/repos/delete', { name: secret }],
    ['POST', `/${secret}.git/info/lfs/objects/batch`, { operation: 'download', objects: [] }],
  ]
  for (const [method, path, body] of attempts) {
    const { status, text } = await ask(target, method, path, body, tokens.neighbour)
    assert.ok([403, 404].includes(status), `${method} ${path} got ${status}: ${text}`)
  }
  const listed = await ask(target, 'GET', '/api/models?full=true', undefined, tokens.neighbour)
  assert.ok(!listed.text.includes(secret), listed.text)
  const { status, text } = await ask(target, 'GET', `/${secret}/resolve/main/s.txt`)
  assert.deepEqual([status, text], [200, 'secret'])
  return `${attempts.length} routes answer 403 or 404`
}

/** Of many changes at once each is whole, none is lost, and what is private stays so. */
export async function changesAtOnce(target: Target): Promise<string> {
  const names = ['attack/storm-a', 'attack/storm-b', 'attack/storm-c']
  const first = names[0]!
  for (const name of names) {
    const made = await ask(target, 'POST', '/api/repos/create', { name, private: true })
    assert.equal(made.status, 200)
  }
  const { sha } = JSON.parse((await ask(target, 'GET', of(first))).text) as { sha: string }
  // The header is a line of its own.
  const withParent = async (at: number): Promise<number> => {
    const lines = [{ key: 'header', value: { parentCommit: sha } }, fileOf(`same-${at}`)]
    const headers = { authorization: `Bearer ${tokens.holder}` }
    const body = lines.map((line) => JSON.stringify(line)).join('\n')
    const init = { method: 'POST', headers, body }
    const response = await fetch(`${target.url}${of(first)}/commit/main`, init)
    await response.arrayBuffer()
    return response.status
  }
  const tries = await Promise.all(Array.from({ length: 8 }, (_, at) => withParent(at)))
  assert.equal(tries.filter((status) => status === 200).length, 1, `same parent: ${tries.join()}`)
  const free = await Promise.all(
    Array.from({ length: 12 }, (_, at) =>
      ask(target, 'POST', `${of(first)}/commit/main`, fileOf(`free-${at}`)),
    ),
  )
  assert.ok(free.every(({ status }) => status === 200))
  const tree = JSON.parse((await ask(target, 'GET', `${of(first)}/tree/main`)).text) as object[]
  assert.equal(tree.length, 13)

  const changes = Array.from({ length: 60 }, (_, at) => {
    const [name, other] = [names[at % 3]!, names[((at / 3) | 0) % 3]!]
    const kinds: readonly (readonly [method: string, path: string, body: object])[] = [
      ['DELETE', '/api/repos/delete', { name }],
      ['POST', '/api/repos/move', { fromRepo: name, toRepo: other }],
      ['POST', `${of(name)}/super-squash/main`, {}],
      ['POST', `${of(name)}/duplicate`, { repository: other }],
      ['POST', '/api/repos/create', { name: other, private: true }],
      ['POST', `${of(name)}/commit/main`, fileOf(`z-${at}`)],
    ]
    const [method, path, body] = kinds[(at * 7 + ((at / 6) | 0)) % 6]!
    return ask(target, method, path, body)
  })
  const answers = await Promise.all(changes)
  const broken = answers.filter(({ status }) => ![200, 404, 409, 429].includes(status))
  assert.deepEqual(broken, [])
  for (const name of names) {
    const response = await fetch(`${target.url}/${name}/resolve/main/z-0`)
    assert.equal(response.status, 401, `${name} is public`)
  }
  const good = answers.filter(({ status }) => status === 200).length
  return `${good} of ${answers.length} changes at once applied, all repositories are private`
}
