import { expect, test } from 'vitest'
import { query, serverOf } from './running.js'

const rows = (text: string) =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

test.each([
  [
    'a table',
    'name,age\nAda,36\nBob,41\n',
    {},
    [
      { name: 'Ada', age: '36' },
      { name: 'Bob', age: '41' },
    ],
  ],
  [
    'a byte order mark, CR LF and no last line end',
    '\ufeffa,b\r\n1,2\r\n3,4',
    {},
    [
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ],
  ],
  [
    'quoted line breaks, quotes and commas',
    'a,b\n"1\n2","say ""x"", y"\n',
    {},
    [{ a: '1\n2', b: 'say "x", y' }],
  ],
  ['another delimiter', 'a;b\n1,5;2\n', { delimiter: ';' }, [{ a: '1,5', b: '2' }]],
  ['tabs', 'a\tb\n1\t2\n', { delimiter: 'tab' }, [{ a: '1', b: '2' }]],
  ['empty lines and empty cells', 'a,b\n\n,2\n\n', {}, [{ a: '', b: '2' }]],
  ['a header alone', 'a,b\n', {}, []],
  [
    'names like numbers and __proto__',
    '2,1,__proto__\nx,y,z\n',
    {},
    [JSON.parse('{"2":"x","1":"y","__proto__":"z"}')],
  ],
] as const)('csv-to-jsonl makes objects of %s', async (_, source, params, objects) => {
  const server = await serverOf()
  const { status, body, headers } = await server.run(query('csv-to-jsonl', params), Buffer.from(source))
  expect([status, headers['content-type']]).toEqual([200, 'application/jsonl; charset=utf-8'])
  expect(rows(body.toString())).toEqual(objects)
})

test.each([
  ['a row with fewer cells', 'a,b\n1,2\n3\n', /line 3 .* has 1 cell, but its header has 2/],
  ['a row with more cells', 'a,b\n"x\ny",2\n1,2,3\n', /line 4 .* has 3 cells, but its header has 2/],
  ['a name that is there twice', 'a,a\n1,2\n', /"a" twice/],
  ['a quote that is never closed', 'a,b\n1,"2\n3,4\n', /from line 2 .* never closed/],
  ['what is no UTF-8', Buffer.from([0x61, 0x0a, 0xff, 0x0a]), /UTF-8/],
  ['nothing', '', /empty/],
])('csv-to-jsonl fails in words for %s', async (_, source, reason) => {
  const server = await serverOf()
  const { status, json } = await server.run('csv-to-jsonl', Buffer.from(source as string))
  expect([status, json]).toMatchObject([422, { deterministic: true, detail: expect.stringMatching(reason) }])
})

test('csv-to-jsonl refuses a delimiter that it does not know before an upload', async () => {
  const server = await serverOf()
  const { json } = await server.run('csv-to-jsonl?delimiter=%3A', 'a:b')
  expect(json).toMatchObject({ code: 'invalid-params' })
  expect(server.runs()).toBe(0)
})
