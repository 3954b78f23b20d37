CREATE DATABASE app OWNER app;
\connect app
SET ROLE app;
CREATE TABLE records (
    id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    noted    timestamptz NOT NULL DEFAULT now(),
    subject  text NOT NULL,
    owner    text NOT NULL DEFAULT '',
    state    text NOT NULL DEFAULT 'open'
);
CREATE TABLE audit (
    id       integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at       timestamptz NOT NULL DEFAULT now(),
    who      text NOT NULL DEFAULT current_user,
    record   integer REFERENCES records,
    what     text NOT NULL
);
