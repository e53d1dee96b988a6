"""A Singer tap for Ecwid by Lightspeed.

From the settings to a message, file by file:

=========================  =====================================================================
``tap``, ``settings``      the plugin, and its settings
``stream_settings``        the setting ``streams``: parameters of single streams
``streams``, ``schema``    a stream for each entity of Ecwid, and its Singer schema
``run``                    all streams, of one store or of several
``store``                  a store: its client, its threads, its times of change
``sync``                   one stream on one store (a ``partition``) with its children
``questions``              what is asked: operation, parameters, fields (``selection``), times
``readings``               how it is read: pages (``ecwid_api.paging``) and answers
``children``               rows of children: embedded in their parent, or asked for in batches
``records``                from a payload to a record
``record_writer``          records, mapped and counted, to ``messages`` (standard output)
``bookmarks``              the state, and when it moves
``deletions``, ``skips``   deleted objects; what a refusal leaves out
=========================  =====================================================================
"""
