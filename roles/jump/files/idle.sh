# sessions that nobody uses end after an hour
TMOUT=3600
HISTTIMEFORMAT='%F %T '
export HISTTIMEFORMAT
