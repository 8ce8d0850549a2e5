-- What was put back from a second store: few events among very many.
CREATE INDEX events_of_recovery ON events (at) WHERE kind = 'recovery';
