"""The timetable solver: pure, without I/O. OR-Tools is imported here and nowhere else.

`problem` says what is asked; `solve`, `repair`, `explain` and `heatmap` answer;
`check` judges every answer and shares nothing with them but `problem`.
"""
