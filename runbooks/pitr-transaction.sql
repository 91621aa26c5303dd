-- What the application does, in small: make an account, open a ticket for it, read the ticket back.
-- pitr-drill runs it in the recovered cluster, in one transaction that is rolled back; a line '-- watchkeeper: keep' would keep it.
-- Change it to your own tables. The last statement must find what the others wrote.
create temporary table account (id bigint primary key, name text not null);
create temporary table ticket (id bigint primary key, account_id bigint not null references account, subject text not null);

insert into account values (1, 'restore drill');
insert into ticket select 100, id, 'can everything be read and written?' from account where name = 'restore drill';

select t.subject
  from ticket t join account a on a.id = t.account_id
 where a.name = 'restore drill';
