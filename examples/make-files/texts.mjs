/** Weather stations that do not exist. */
export const stations = `station,valley,height_m,opened,sensors,remark
Alder Bridge,Lower Merrow,212,1968-04-01,"rain, wind",on the old toll house
Birch Ledge,Upper Merrow,1340,1974-09-15,"rain, snow, wind",reached on foot only
Copper Weir,Lower Merrow,188,1981-05-20,"rain, level","flooded twice, moved uphill in 1999"
Drifters' Hut,Sorrel,1725,1990-07-03,"snow, wind, sun",
Ember Field,Sorrel,640,1993-03-11,"rain, sun",beside the orchard
Fallow Tarn,Upper Merrow,1510,1997-10-30,"rain, snow, level","called ""the bathtub"" by its keepers"
Gannet Point,Coast,12,2001-02-14,"rain, wind, tide",salt on everything
Heron Locks,Coast,3,2004-06-08,"level, tide",
Ivory Col,Sorrel,2310,2009-08-22,"snow, wind",no power from November to March
Juniper Yard,Lower Merrow,255,2016-01-05,"rain, sun, air",the youngest
`

/** Notes with a bit of everything that Markdown has. */
export const notes = `# Field notes on caching work

*What we learned while keeping the results of slow jobs.*

A cache of **bytes** remembers files. A cache of **operations** remembers what was *done* with them: the thumbnail, the
transcript, the page as an image. Asking for the same work twice is then as cheap as asking once.

## Before you start

- [x] Give every input an identity that is made from its bytes alone
- [x] Write down the parameters, all of them, in one canonical form
- [ ] Decide how long a result is kept when nobody asks for it

## Three questions

1. Is the answer the same every time? If not, \`version\` has to grow.
2. Is moving the input slower than doing the work? Then ask first, send later.
3. Who may see the answer? Whoever shows the same bytes.

> The fastest upload is the one that does not happen.

| Input | Operation | First time | Second time |
|---|---|--:|--:|
| a map, 40 MB | tiles | 52 s | 0.1 s |
| a report, 3 MB | text | 1.4 s | 0.1 s |
| a photograph, 4 MB | thumbnail | 0.3 s | 0.1 s |

## In code

\`\`\`js
const key = keyOf({ content: idOf(bytes), operation: { name: 'convert', params: { to: 'txt' } } })
const answer = (await cache.find(key)) ?? (await work(bytes))
\`\`\`

More about the parts is in [three questions](#three-questions). HTML such as <b>this</b> is shown, not obeyed.
`
