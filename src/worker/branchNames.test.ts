import { expect, test } from 'vitest'
import { branchNames } from './device.ts'

const [one, two] = ['1'.repeat(40), '2'.repeat(40)]
const hub = 'https://hub.example/a/b/resolve'

test("a file is called by the branch that led to it, at the branch's newest commit alone", () => {
  const branch = { base: `${hub}/main`, grant: 'public', commits: [two, one], checkedAt: 0 }
  const addresses = [
    `${hub}/${one}/x.onnx`,
    `${hub}/${two}/x.onnx`,
    `${hub}/${one}/deep/old.json?download=true`,
    `${hub}/${'3'.repeat(40)}/x.onnx`,
    `${hub}/main/y.onnx`,
    `https://hub.example/a/other/resolve/${one}/x.onnx`,
  ]
  const tag = { ...branch, base: `${hub}/v1`, commits: [one] }
  const proposal = { ...branch, base: `${hub}/refs/pr/1`, commits: ['3'.repeat(40)] }
  const again = { ...branch, grant: 'somebody' }
  expect([...branchNames(addresses, [branch, again, tag, proposal])]).toEqual([
    [`${hub}/${two}/x.onnx`, [`${hub}/main/x.onnx`]],
    [
      `${hub}/${one}/deep/old.json?download=true`,
      [`${hub}/main/deep/old.json?download=true`, `${hub}/v1/deep/old.json?download=true`],
    ],
    [`${hub}/${one}/x.onnx`, [`${hub}/v1/x.onnx`]],
    [`${hub}/${'3'.repeat(40)}/x.onnx`, [`${hub}/refs/pr/1/x.onnx`]],
  ])
})
