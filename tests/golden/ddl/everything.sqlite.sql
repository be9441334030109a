CREATE TABLE all_box (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
  uid TEXT NOT NULL, 
  version INTEGER NOT NULL, 
  created_at DATETIME NOT NULL, 
  created_by INTEGER, 
  updated_at DATETIME NOT NULL, 
  updated_by INTEGER, 
  deleted_at DATETIME, 
  search_fold TEXT, 
  name TEXT, 
  name__fold TEXT, 
  FOREIGN KEY(created_by) REFERENCES sys_user (id), 
  FOREIGN KEY(updated_by) REFERENCES sys_user (id)
);
-- ('all.box', 'live');
CREATE INDEX ix_e4320655249a7cb1 ON all_box (id) WHERE deleted_at IS NULL;
-- ('all.box', 'bin');
CREATE INDEX ix_640cdc7ef7166952 ON all_box (deleted_at) WHERE deleted_at IS NOT NULL;
-- ('all.box', 'all.box.name', 'text', 'sort');
CREATE INDEX ix_1700ee4ea616d4e0 ON all_box (name__fold, id) WHERE deleted_at IS NULL;
CREATE TABLE all_thing (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
  uid TEXT NOT NULL, 
  version INTEGER NOT NULL, 
  created_at DATETIME NOT NULL, 
  created_by INTEGER, 
  updated_at DATETIME NOT NULL, 
  updated_by INTEGER, 
  deleted_at DATETIME, 
  search_fold TEXT, 
  name TEXT, 
  name__fold TEXT, 
  note TEXT, 
  note__fold TEXT, 
  count BIGINT, 
  weight BIGINT, 
  share BIGINT, 
  price BIGINT, 
  worth BIGINT, 
  worth__currency TEXT, 
  ready BOOLEAN, 
  day DATE, 
  hour TIME, 
  moment DATETIME, 
  length BIGINT, 
  kind TEXT, 
  tags TEXT, 
  mail TEXT, 
  mail__fold TEXT, 
  phone TEXT, 
  phone__fold TEXT, 
  site TEXT, 
  site__fold TEXT, 
  owner INTEGER, 
  person INTEGER, 
  number TEXT, 
  number__fold TEXT, 
  status TEXT, 
  FOREIGN KEY(created_by) REFERENCES sys_user (id), 
  FOREIGN KEY(updated_by) REFERENCES sys_user (id), 
  FOREIGN KEY(owner) REFERENCES all_box (id), 
  FOREIGN KEY(person) REFERENCES sys_user (id)
);
CREATE TABLE all_thing__boxes (
  source INTEGER NOT NULL, 
  target INTEGER NOT NULL, 
  PRIMARY KEY (source, target), 
  FOREIGN KEY(source) REFERENCES all_thing (id), 
  FOREIGN KEY(target) REFERENCES all_box (id)
);
CREATE INDEX ix_7da781096bf89302 ON all_thing__boxes (target, source);
CREATE TABLE all_thing__team (
  source INTEGER NOT NULL, 
  target INTEGER NOT NULL, 
  PRIMARY KEY (source, target), 
  FOREIGN KEY(source) REFERENCES all_thing (id), 
  FOREIGN KEY(target) REFERENCES sys_user (id)
);
CREATE INDEX ix_a451a86631fbc1fd ON all_thing__team (target, source);
-- ('all.thing', 'live');
CREATE INDEX ix_8eff5a4c3e553748 ON all_thing (id) WHERE deleted_at IS NULL;
-- ('all.thing', 'bin');
CREATE INDEX ix_21b394e515c4c807 ON all_thing (deleted_at) WHERE deleted_at IS NOT NULL;
-- ('all.thing', 'all.thing.owner', 'reference:all.box', 'sort');
CREATE INDEX ix_6f1250627887a791 ON all_thing (owner, id) WHERE deleted_at IS NULL;
-- ('all.thing', 'all.thing.person', 'user', 'sort');
CREATE INDEX ix_555ddf794d56f547 ON all_thing (person, id) WHERE deleted_at IS NULL;
-- ('all.thing', 'all.thing.name', 'text', 'sort');
CREATE INDEX ix_3a249b5b6d5dd3d9 ON all_thing (name__fold, id) WHERE deleted_at IS NULL;
-- ('all.thing', 'all.thing.status', 'status', 'all.thing.price:money:2', 'sort');
CREATE INDEX ix_993161618a691f15 ON all_thing (status, id, price) WHERE deleted_at IS NULL;
-- ('all.thing', 'all.thing.phone', 'phone', 'sort');
CREATE INDEX ix_058ca1e77395c244 ON all_thing (phone__fold, id) WHERE deleted_at IS NULL;
-- ('all.thing', 'all.thing.mail', 'email', 'sort');
CREATE INDEX ix_adfb95769c8b1684 ON all_thing (mail__fold, id) WHERE deleted_at IS NULL;
-- ('all.thing', 'all.thing.day', 'date', 'sort');
CREATE INDEX ix_ed9629c3c3d95532 ON all_thing (day, id) WHERE deleted_at IS NULL;
-- ('all.thing', 'all.thing.number', 'sequence');
CREATE UNIQUE INDEX uq_419a314b8ba15390 ON all_thing (number);
