# Loop lag: a panel for each job; p50, p99 and the longest lag of a run, beside the beat of 1 ms.

load data.'.gp'
text_width = 114
reference = 1e-3
load share.'/rows.gp'
