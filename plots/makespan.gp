# Makespan: a panel for each batch; the dot is the median, the black line the ideal.

load data.'.gp'
text_width = 140
reference = NaN
load share.'/rows.gp'
