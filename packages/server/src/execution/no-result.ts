/** What is said of an operation that ended well and gave nothing. */
export const NO_RESULT =
  'It wrote nothing: the result goes to `output`, and one that is empty on purpose ends it (`output.end()`).'
