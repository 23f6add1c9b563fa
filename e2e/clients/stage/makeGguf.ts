import { makeBytes } from '../../stage/makeBytes.ts'
import { GgufWriter } from './GgufWriter.ts'

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz')
const WIDTH = 64
/** So many that the header is longer than the first 2 MB, which header readers fetch first. */
const NOTES = 30_000

const NORMAL = 1
const UNKNOWN = 2
const CONTROL = 3
const BYTE = 6

/**
 * A language model that knows the alphabet: greedy decoding of `c` yields `d` to `z` and an end. Each letter is its
 * own direction, attention and feed-forward add nothing, and the output maps a letter to the next. The feed-forward's
 * inner matrices are noise, so that the file is large.
 *
 * @param width of the feed-forward, a multiple of 32: the file has 768 bytes for each
 */
export function makeGguf(width = 8192): Uint8Array {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  )
  const tokens = ['<unk>', '<s>', '</s>', '▁', ...bytes, ...LETTERS]
  const types = [UNKNOWN, CONTROL, CONTROL, NORMAL, ...bytes.map(() => BYTE)]
  const letter = (index: number): number => tokens.length - LETTERS.length + index

  const embedding = new Float32Array(tokens.length * WIDTH)
  const output = new Float32Array(tokens.length * WIDTH)
  for (let index = 0; index < LETTERS.length; index++) {
    const next = index + 1 < LETTERS.length ? letter(index + 1) : tokens.indexOf('</s>')
    embedding[letter(index) * WIDTH + index] = 1
    output[next * WIDTH + index] = 4
  }
  const ones = new Float32Array(WIDTH).fill(1)
  const square = new Float32Array(WIDTH * WIDTH)
  const noise = (seed: number): Float32Array =>
    new Float32Array(makeBytes(WIDTH * width * 4, seed, ['floats']).buffer as ArrayBuffer)

  return new GgufWriter()
    .set('general.architecture', 'string', 'llama')
    .set('general.name', 'string', 'Alphabet')
    .set('llama.context_length', 'u32', 128)
    .set('llama.embedding_length', 'u32', WIDTH)
    .set('llama.block_count', 'u32', 1)
    .set('llama.feed_forward_length', 'u32', width)
    .set('llama.attention.head_count', 'u32', 2)
    .set('llama.attention.head_count_kv', 'u32', 2)
    .set('llama.attention.layer_norm_rms_epsilon', 'f32', 1e-5)
    .set('llama.rope.dimension_count', 'u32', WIDTH / 2)
    .set('tokenizer.ggml.model', 'string', 'llama')
    .set('tokenizer.ggml.tokens', 'strings', tokens)
    .set(
      'tokenizer.ggml.scores',
      'f32s',
      tokens.map(() => 0),
    )
    .set(
      'tokenizer.ggml.token_type',
      'i32s',
      tokens.map((_, at) => types[at] ?? NORMAL),
    )
    .set('tokenizer.ggml.bos_token_id', 'u32', tokens.indexOf('<s>'))
    .set('tokenizer.ggml.eos_token_id', 'u32', tokens.indexOf('</s>'))
    .set('tokenizer.ggml.unknown_token_id', 'u32', tokens.indexOf('<unk>'))
    .set('tokenizer.ggml.add_bos_token', 'bool', false)
    .set('tokenizer.ggml.add_space_prefix', 'bool', false)
    .set(
      'stage.notes',
      'strings',
      Array.from({ length: NOTES }, (_, at) => `note ${at} ${'-'.repeat(60)}`),
    )
    .tensor('token_embd.weight', [WIDTH, tokens.length], embedding)
    .tensor('output_norm.weight', [WIDTH], ones)
    .tensor('output.weight', [WIDTH, tokens.length], output)
    .tensor('blk.0.attn_norm.weight', [WIDTH], ones)
    .tensor('blk.0.attn_q.weight', [WIDTH, WIDTH], square)
    .tensor('blk.0.attn_k.weight', [WIDTH, WIDTH], square)
    .tensor('blk.0.attn_v.weight', [WIDTH, WIDTH], square)
    .tensor('blk.0.attn_output.weight', [WIDTH, WIDTH], square)
    .tensor('blk.0.ffn_norm.weight', [WIDTH], ones)
    .tensor('blk.0.ffn_gate.weight', [WIDTH, width], noise(4))
    .tensor('blk.0.ffn_up.weight', [WIDTH, width], noise(5))
    .tensor('blk.0.ffn_down.weight', [width, WIDTH], new Float32Array(WIDTH * width))
    .bytes()
}
