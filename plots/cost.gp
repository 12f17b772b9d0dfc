# Cost: CPU time a job on the left, memory a job on the right, a pair of panels for each job.

load data.'.gp'
text_width = 100
reference = NaN
load share.'/rows.gp'
