"""Pure decisions about ranges: addresses, wanted state, steps, judgements."""
