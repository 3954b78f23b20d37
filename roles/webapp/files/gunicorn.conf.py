"""Settings of the application's server."""

bind = "unix:/run/webapp/socket"
workers = 1
threads = 4
worker_class = "gthread"
worker_tmp_dir = "/run/webapp"
timeout = 30
accesslog = "/var/log/webapp/access.log"
errorlog = "/var/log/webapp/error.log"
access_log_format = '%({x-forwarded-for}i)s %(t)s "%(r)s" %(s)s %(b)s %(D)s'
forwarded_allow_ips = "*"
