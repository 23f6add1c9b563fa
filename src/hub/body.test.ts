import { describe, expect, test } from 'vitest'
import { readBody, readJson, readLines } from './body.ts'

function post(body: string): Request {
  return new Request('http://hub.example/', { method: 'POST', body })
}

describe('a body', () => {
  test('is refused with 413 beyond its limit, for any announced length', async () => {
    await expect(readBody(post('12345'), 4)).rejects.toMatchObject({ status: 413 })
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(3)),
    })
    const request = new Request('http://hub.example/', {
      method: 'POST',
      body: endless,
      duplex: 'half',
    } as RequestInit)
    await expect(readBody(request, 4)).rejects.toMatchObject({ status: 413 })
    expect(await readBody(post('1234'), 4)).toHaveLength(4)
  })

  test('must be a JSON object', async () => {
    expect(await readJson(post('{"a":1}'))).toEqual({ a: 1 })
    for (const text of ['', '{', '[]', 'null', '"a"']) {
      await expect(readJson(post(text)), text).rejects.toMatchObject({ status: 400 })
    }
  })

  test('of JSON that takes long to parse is refused: 413 for its length, 400 for its values', async () => {
    await expect(readJson(post(JSON.stringify('a'.repeat(2 ** 20))))).rejects.toMatchObject({
      status: 413,
    })
    const nested = `{"paths":${'['.repeat(5e5)}${']'.repeat(5e5)}}`
    await expect(readJson(post(nested))).rejects.toMatchObject({ status: 400 })
  })

  test('is read line by line, each of them bounded', async () => {
    const lines: string[] = []
    for await (const line of readLines(post('a\nbc\n\nd').body, 2)) lines.push(line)
    expect(lines).toEqual(['a', 'bc', '', 'd'])
    const long = async (): Promise<void> => {
      for await (const line of readLines(post('a\nbcd').body, 2)) lines.push(line)
    }
    await expect(long()).rejects.toMatchObject({ status: 413 })
  })
})
