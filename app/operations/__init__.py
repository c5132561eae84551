"""What an operator sees of a running process: its health, its figures, one line of log a request, its traces.

All of it stands around the application, as WSGI: no request that is answered here reaches Flask.
"""
