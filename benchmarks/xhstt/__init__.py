"""High-school timetabling in the public XHSTT format: our solver on others' data.

    reader   XML -> Archive                writer   Solution -> XML
    judge    Solution -> hard, soft cost   bench    reads, judges, solves, reports
    model    one CP-SAT model              search   a first answer, then better ones

The judge shares nothing with the model but `instance.py`. The format is specified on
the pages of HSEval (J. H. Kingston).
"""
