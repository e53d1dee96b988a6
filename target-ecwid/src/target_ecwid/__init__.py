"""A Singer target for Ecwid by Lightspeed.

From a message to a request, folder by folder. Each step is a function of what the step before it
returned, and imports run one way, from the bottom of this table to the top:

==========================  ====================================================================
``origins``                 which streams of the input a stream is made of
``jobs``                    what is done with a stream: an entity's objects, or an operation
``record``                  a record in its one form (``door``, ``forms``); how it names its object
                            (``lookups``); the keys it refers to (``references``), and which
                            object of the shop a key stands for (``key_map``)
``change``                  from a record and its object to a change (``changes``): ``planner``,
                            ``entity_planner``, ``call_planner``; pure, nothing is sent
``shop``                    finds objects (``finder``), sends changes (``publisher``), and has the
                            ``journal`` of what was sent and the map of ``ids``
``outcome``                 what became of a record: ``conclusions`` from replies, ``outcomes`` on
                            disk
``stream_settings``         the setting ``streams``; ``settings`` has all others
``run``                     ``run`` takes messages, ``sink`` keeps a stream's records, ``writer``
                            writes them wave by wave, ``checkpoints`` lets state leave
``reader``, ``target``      Singer messages, and the plugin
==========================  ====================================================================
"""
