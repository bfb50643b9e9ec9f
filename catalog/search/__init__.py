"""Full text: which published films have the words of a query, the best match first; alike on both databases.

Words are folded in Python and stored as one bag a film (`words`, `documents`); SQLite's FTS5 and PostgreSQL's GIN
answer which bags hold which words (`tables`). A query is a plan (`plans`) of three kinds of match, each a set of its
own: the whole title, all words in titles, all words anywhere. `index` keeps the bags up with the change log.
"""
