"""One table: what each role gets for each route of `/v1`, of its own, a neighbour's and a foreign record."""

from collections.abc import Iterator

from tests.api.three_parties import LETTERS

# Columns: own, neighbour's, foreign; one column stands for all three. A cell names roles by letter (three_parties.py;
# `*` is all the others) and the status they get; `-` is a list, 200, without the record. `exchange` answers whoever may
# send a file with 422 here: the file is empty.
TABLE = """
GET    /v1/me                    | *:200
GET    /v1/parties               | *:200               | *:200               | OA:200 *:-
GET    /v1/parties/{code}        | *:200               | *:200               | OA:200 *:404
GET    /v1/villages              | *:200
GET    /v1/villages/{code}       | *:200
GET    /v1/plots                 | *:200               | *:200               | OA:200 *:-
GET    /v1/plots/{code}          | *:200               | *:200               | OA:200 *:404
GET    /v1/plots/{code}/versions | *:200               | *:200               | OA:200 *:404
GET    /v1/facilities            | *:200               | *:200               | OA:200 *:-
GET    /v1/facilities/{code}     | *:200               | *:200               | OA:200 *:404
GET    /v1/products              | *:200               | *:200               | OA:200 *:-
GET    /v1/products/{code}       | *:200               | *:200               | OA:200 *:404
GET    /v1/pickings              | *:200               | *:200               | OA:200 *:-
POST   /v1/pickings              | OCBP:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/pickings/{code}       | *:200               | *:200               | OA:200 *:404
GET    /v1/hand-overs            | *:200               | *:200               | OA:200 *:-
POST   /v1/hand-overs            | OCBP:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/hand-overs/{code}     | *:200               | *:200               | OA:200 *:404
GET    /v1/intakes               | *:200               | *:200               | OA:200 *:-
POST   /v1/intakes               | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/intakes/{code}        | *:200               | *:200               | OA:200 *:404
GET    /v1/paper-forms           | *:200               | OA:200 *:-          | OA:200 *:-
POST   /v1/paper-forms           | OCBP:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/paper-forms/{code}    | *:200               | OA:200 *:404        | OA:200 *:404
POST   /v1/paper-forms/{code}/voids | OCBP:201 *:403   | O:201 CBP:404 *:403 | O:201 CBP:404 *:403
GET    /v1/form-runs             | *:200               | OA:200 *:-          | OA:200 *:-
GET    /v1/form-runs/{code}      | *:200               | OA:200 *:404        | OA:200 *:404
GET    /v1/form-runs/{code}/print | *:200              | OA:200 *:404        | OA:200 *:404
GET    /v1/slips                 | *:200               | *:200               | OA:200 *:-
GET    /v1/slips/{code}          | *:200               | *:200               | OA:200 *:404
GET    /v1/day-closes            | *:200               | OA:200 *:-          | OA:200 *:-
POST   /v1/day-closes            | OCBP:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/day-closes/{code}     | *:200               | OA:200 *:404        | OA:200 *:404
GET    /v1/day-closes/{code}/print | *:200             | OA:200 *:404        | OA:200 *:404
GET    /v1/growers/{code}/book   | *:200               | OA:200 *:404        | OA:200 *:404
GET    /v1/growers/{code}/book/print | *:200           | OA:200 *:404        | OA:200 *:404
GET    /v1/slips/{code}/print    | *:200               | *:200               | OA:200 *:404
GET    /v1/lots                  | *:200               | *:200               | OA:200 *:-
GET    /v1/lots/{code}           | *:200               | *:200               | OA:200 *:404
GET    /v1/lots/{code}/trace     | *:200               | *:200               | OA:200 *:404
GET    /v1/lots/{code}/dossier   | *:200               | *:200               | OA:200 *:404
GET    /v1/events                | *:200               | *:200               | OA:200 *:-
GET    /v1/events/{code}         | *:200               | *:200               | OA:200 *:404
GET    /v1/packs                 | *:200               | *:200               | OA:200 *:-
POST   /v1/packs                 | OPN:201 *:403       | O:201 *:403         | O:201 *:403
GET    /v1/packs/{code}          | *:200               | *:200               | OA:200 *:404
POST   /v1/packs/{code}/activations | OPN:201 *:403    | O:201 *:403         | O:201 *:403
POST   /v1/packs/{code}/spoilings   | OPN:201 *:403    | O:201 *:403         | O:201 *:403
POST   /v1/packs/{code}/locks       | OPN:201 *:403    | O:201 *:403         | O:201 *:403
GET    /v1/shipments             | *:200               | *:200               | OA:200 *:-
POST   /v1/shipments             | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/shipments/{code}      | *:200               | *:200               | OA:200 *:404
GET    /v1/results               | *:200               | *:200               | OA:200 *:-
POST   /v1/results               | OCBPNL:201 *:403    | O:201 *:403         | O:201 *:403
GET    /v1/results/{code}        | *:200               | *:200               | OA:200 *:404
GET    /v1/report-files          | *:200               | *:200               | OA:200 *:-
GET    /v1/report-files/{code}   | *:200               | *:200               | OA:200 *:404
GET    /v1/report-files/{code}/content | *:200         | *:200               | OA:200 *:404
POST   /v1/results/{code}/files  | OCBPNL:201 *:403    | OCBPNL:201 *:403    | O:201 CBPNL:404 *:403
POST   /v1/lots/{code}/hold      | LA:403 *:201        | O:201 LA:403 *:404 | O:201 LA:403 *:404
POST   /v1/lots/{code}/release   | LA:403 *:201        | O:201 LA:403 *:404 | O:201 LA:403 *:404
GET    /v1/release-plans         | *:200               | OA:200 *:-          | OA:200 *:-
POST   /v1/release-plans         | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/release-plans/{code}  | *:200               | OA:200 *:404        | OA:200 *:404
GET    /v1/results/{code}/judgements | *:200           | *:200               | OA:200 *:404
GET    /v1/retained-samples      | *:200               | OA:200 *:-          | OA:200 *:-
POST   /v1/retained-samples      | OCBPNL:201 *:403    | O:201 *:403         | O:201 *:403
GET    /v1/retained-samples/{code} | *:200             | OA:200 *:404        | OA:200 *:404
POST   /v1/retained-samples/{code}/disposals | OCBPNL:201 *:403 | O:201 FA:403 *:404 | O:201 FA:403 *:404
GET    /v1/findings              | *:200               | OA:200 *:-          | OA:200 *:-
GET    /v1/findings/{code}       | *:200               | *:200               | OA:200 *:404
GET    /v1/label-jobs            | *:200               | OA:200 *:-          | OA:200 *:-
GET    /v1/label-jobs/{code}     | *:200               | OA:200 *:404        | OA:200 *:404
GET    /v1/recalls               | *:200               | *:200               | OA:200 *:-
POST   /v1/recalls               | OFPN:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/recalls/{code}        | *:200               | *:200               | OA:200 *:404
POST   /v1/parties               | OFC:201 P:422 *:403 | O:201 FCP:422 *:403 | O:201 FCP:422 *:403
POST   /v1/villages              | OF:201 *:403        | O:201 F:422 *:403   | O:201 F:422 *:403
POST   /v1/plots                 | OFC:201 *:403       | O:201 FC:422 *:403  | O:201 FC:422 *:403
POST   /v1/facilities            | OFCPN:201 *:403     | O:201 *:403         | O:201 *:403
POST   /v1/products              | OFPN:201 *:403      | O:201 *:403         | O:201 *:403
PATCH  /v1/parties/{code}        | A:403 *:200         | O:200 *:403         | O:200 A:403 *:404
PATCH  /v1/villages/{code}       | O:200 *:403
PATCH  /v1/facilities/{code}     | OFCPN:200 *:403     | O:200 *:403         | O:200 FCPN:404 *:403
PATCH  /v1/products/{code}       | OFPN:200 *:403      | O:200 *:403         | O:200 FPN:404 *:403
PATCH  /v1/licences/{code}       | OFCPN:200 *:403     | O:200 *:403         | O:200 FCPN:404 *:403
PATCH  /v1/brands/{code}         | OFPN:200 *:403      | O:200 FPN:404 *:403 | O:200 FPN:404 *:403
PATCH  /v1/input-products/{code} | OF:200 *:403
POST   /v1/parties/{code}/merges | OFC:201 *:403       | O:201 FC:404 *:403  | O:201 FC:404 *:403
POST   /v1/plots/{code}/surveys  | OFC:201 *:403       | O:201 FC:404 *:403  | O:201 FC:404 *:403
POST   /v1/plots/{code}/holders  | OFC:201 *:403       | O:201 FC:404 *:403  | O:201 FC:404 *:403
POST   /v1/plots/{code}/splits   | OFC:201 *:403       | O:201 FC:404 *:403  | O:201 FC:404 *:403
POST   /v1/plots/{code}/joins    | OFC:201 *:403       | O:201 FC:404 *:403  | O:201 FC:404 *:403
POST   /v1/plots/{code}/merges   | OFC:201 *:403       | O:201 FC:404 *:403  | O:201 FC:404 *:403
GET    /v1/licences              | *:200               | *:200               | OA:200 *:-
POST   /v1/licences              | OFCPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/licences/{code}       | *:200               | *:200               | OA:200 *:404
GET    /v1/brands                | *:200               | OA:200 *:-          | OA:200 *:-
POST   /v1/brands                | OFPN:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/brands/{code}         | *:200               | OA:200 *:404        | OA:200 *:404
GET    /v1/input-products        | *:200
POST   /v1/input-products        | OFC:201 *:403
GET    /v1/input-products/{code} | *:200
GET    /v1/runs                  | *:200               | *:200               | OA:200 *:-
POST   /v1/runs                  | OP:201 *:403        | O:201 *:403         | O:201 *:403
GET    /v1/runs/{code}           | *:200               | *:200               | OA:200 *:404
GET    /v1/blends                | *:200               | *:200               | OA:200 *:-
POST   /v1/blends                | OP:201 *:403        | O:201 *:403         | O:201 *:403
GET    /v1/blends/{code}         | *:200               | *:200               | OA:200 *:404
GET    /v1/tables                | *:200
GET    /v1/tables/{code}         | *:200
GET    /v1/tables/{code}/editions | *:200
POST   /v1/tables/{code}/editions | OF:201 *:403
GET    /v1/registers/incoming    | O:400 *:200
GET    /v1/registers/outgoing    | O:400 *:200
GET    /v1/registers/growing     | O:400 *:200
GET    /v1/exports/parties       | *:200
GET    /v1/exports/plots         | *:200
GET    /v1/exports/facilities    | *:200
GET    /v1/exports/products      | *:200
GET    /v1/exports/pickings      | *:200
GET    /v1/exports/lots          | *:200
GET    /v1/exports/events        | *:200
GET    /v1/exports/packs         | *:200
GET    /v1/exports/shipments     | *:200
GET    /v1/exports/results       | *:200
GET    /v1/exports/findings      | *:200
GET    /v1/exports/recalls       | *:200
GET    /v1/exchange/parties                  | *:200
GET    /v1/exchange/parties/template         | *:200
POST   /v1/exchange/parties                  | OFCP:422 *:403
GET    /v1/exchange/villages                 | *:200
GET    /v1/exchange/villages/template        | *:200
POST   /v1/exchange/villages                 | OF:422 *:403
GET    /v1/exchange/plots                    | *:200
GET    /v1/exchange/plots/template           | *:200
POST   /v1/exchange/plots                    | OFC:422 *:403
GET    /v1/exchange/facilities               | *:200
GET    /v1/exchange/facilities/template      | *:200
POST   /v1/exchange/facilities               | OFCPN:422 *:403
GET    /v1/exchange/licences                 | *:200
GET    /v1/exchange/licences/template        | *:200
POST   /v1/exchange/licences                 | OFCPN:422 *:403
GET    /v1/exchange/brands                   | *:200
GET    /v1/exchange/brands/template          | *:200
POST   /v1/exchange/brands                   | OFPN:422 *:403
GET    /v1/exchange/products                 | *:200
GET    /v1/exchange/products/template        | *:200
POST   /v1/exchange/products                 | OFPN:422 *:403
GET    /v1/exchange/input-products           | *:200
GET    /v1/exchange/input-products/template  | *:200
POST   /v1/exchange/input-products           | OFC:422 *:403
GET    /v1/exchange/purchases                | *:200
GET    /v1/exchange/purchases/template       | *:200
POST   /v1/exchange/purchases                | OCBP:422 *:403
GET    /v1/exchange/field-work               | *:200
GET    /v1/exchange/field-work/template      | *:200
POST   /v1/exchange/field-work               | OCBP:422 *:403
GET    /v1/exchange/inputs                   | *:200
GET    /v1/exchange/inputs/template          | *:200
POST   /v1/exchange/inputs                   | OCBP:422 *:403
GET    /v1/exchange/pickings                 | *:200
GET    /v1/exchange/pickings/template        | *:200
POST   /v1/exchange/pickings                 | OCBP:422 *:403
GET    /v1/exchange/certificates             | *:200
GET    /v1/exchange/certificates/template    | *:200
POST   /v1/exchange/certificates             | OCBP:422 *:403
GET    /v1/exchange/hand-overs               | *:200
GET    /v1/exchange/hand-overs/template      | *:200
POST   /v1/exchange/hand-overs               | OCBP:422 *:403
GET    /v1/exchange/outside-lots             | *:200
GET    /v1/exchange/outside-lots/template    | *:200
POST   /v1/exchange/outside-lots             | OCBPN:422 *:403
GET    /v1/exchange/intakes                  | *:200
GET    /v1/exchange/intakes/template         | *:200
POST   /v1/exchange/intakes                  | OCBPN:422 *:403
GET    /v1/exchange/runs                     | *:200
GET    /v1/exchange/runs/template            | *:200
POST   /v1/exchange/runs                     | OP:422 *:403
GET    /v1/exchange/blends                   | *:200
GET    /v1/exchange/blends/template          | *:200
POST   /v1/exchange/blends                   | OP:422 *:403
GET    /v1/exchange/samples                  | *:200
GET    /v1/exchange/samples/template         | *:200
POST   /v1/exchange/samples                  | OFCBPNL:422 *:403
GET    /v1/exchange/results                  | *:200
GET    /v1/exchange/results/template         | *:200
POST   /v1/exchange/results                  | OCBPNL:422 *:403
GET    /v1/exchange/packs                    | *:200
GET    /v1/exchange/packs/template           | *:200
POST   /v1/exchange/packs                    | OPN:422 *:403
GET    /v1/exchange/cases                    | *:200
GET    /v1/exchange/cases/template           | *:200
POST   /v1/exchange/cases                    | OPN:422 *:403
GET    /v1/exchange/shipments                | *:200
GET    /v1/exchange/shipments/template       | *:200
POST   /v1/exchange/shipments                | OCBPN:422 *:403
GET    /v1/exchange/deliveries               | *:200
GET    /v1/exchange/deliveries/template      | *:200
POST   /v1/exchange/deliveries               | OCBPN:422 *:403
GET    /v1/exchange/returns                  | *:200
GET    /v1/exchange/returns/template         | *:200
POST   /v1/exchange/returns                  | OCBPN:422 *:403
GET    /v1/exchange/reworks                  | *:200
GET    /v1/exchange/reworks/template         | *:200
POST   /v1/exchange/reworks                  | OPN:422 *:403
GET    /v1/exchange/destructions             | *:200
GET    /v1/exchange/destructions/template    | *:200
POST   /v1/exchange/destructions             | OCBPN:422 *:403
GET    /v1/exchange/tables/{code}            | *:200
POST   /v1/exchange/tables/{code}            | OF:422 *:403
POST   /v1/exchange                          | OFCBPNL:422 *:403
GET    /v1/inputs                | *:200               | *:200               | OA:200 *:-
POST   /v1/inputs                | OCBP:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/inputs/{code}         | *:200               | *:200               | OA:200 *:404
GET    /v1/purchases             | *:200               | OA:200 *:-          | OA:200 *:-
POST   /v1/purchases             | OCBP:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/purchases/{code}      | *:200               | OA:200 *:404        | OA:200 *:404
GET    /v1/field-work            | *:200               | *:200               | OA:200 *:-
POST   /v1/field-work            | OCBP:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/field-work/{code}     | *:200               | *:200               | OA:200 *:404
GET    /v1/plots/{code}/light    | *:200               | *:200               | OA:200 *:404
GET    /v1/villages/{code}/lights | *:200
GET    /v1/plots/{code}/openings | *:200               | *:200               | OA:200 *:404
POST   /v1/plots/{code}/openings | OFC:201 *:403       | O:201 FC:404 *:403  | O:201 FC:404 *:403
GET    /v1/certificates          | *:200               | *:200               | OA:200 *:-
POST   /v1/certificates          | OCBP:201 *:403      | O:201 *:403         | O:201 *:403
GET    /v1/certificates/{code}   | *:200               | *:200               | OA:200 *:404
POST   /v1/certificates/{code}/void | OCBP:201 *:403   | O:201 *:403         | O:201 CBP:404 *:403
POST   /v1/certificates/{code}/revocation | OF:201 *:403 | O:201 *:403 | O:201 F:404 *:403
GET    /v1/certificates/issuable | OCBP:400 *:403
GET    /v1/certificates/missing  | *:200
GET    /v1/certificates/{code}/print | OFCBP:200 *:403 | OFCBP:200 *:403     | O:200 FCBP:404 *:403
GET    /v1/exports/missing-certificates | *:200
POST   /v1/intakes/{code}/certificate | OCBPN:201 *:403 | O:201 *:403        | O:201 CBPN:404 *:403
GET    /v1/corrections           | *:200               | OA:200 *:-          | OA:200 *:-
POST   /v1/corrections           | A:403 *:201         | O:201 *:403         | O:201 A:403 *:404
GET    /v1/corrections/{code}    | *:200               | OA:200 *:404        | OA:200 *:404
GET    /v1/samples               | *:200               | *:200               | OA:200 *:-
POST   /v1/samples               | A:403 *:201         | O:201 *:403         | O:201 *:403
GET    /v1/samples/{code}        | *:200               | *:200               | OA:200 *:404
POST   /v1/findings/{code}/answers | A:403 *:201       | O:201 *:403         | O:201 A:403 *:404
GET    /v1/accounts              | O:200 *:403
POST   /v1/accounts              | O:201 *:403
GET    /v1/accounts/{code}       | O:200 *:403
DELETE /v1/accounts/{code}       | O:200 *:403
GET    /v1/keys                  | *:200               | O:200 *:-           | O:200 *:-
POST   /v1/keys                  | O:201 *:403
GET    /v1/keys/{code}           | *:200               | O:200 *:404         | O:200 *:404
DELETE /v1/keys/{code}           | *:200               | O:200 *:404         | O:200 *:404
POST   /v1/keys/{code}/rotate    | *:201               | O:201 *:404         | O:201 *:404
GET    /v1/mandates              | *:200               | *:200               | OA:200 *:-
POST   /v1/mandates              | OCBPNL:201 *:403    | O:201 *:403         | O:201 *:403
GET    /v1/mandates/{code}       | *:200               | *:200               | OA:200 *:404
DELETE /v1/mandates/{code}       | OCBPNL:200 *:403    | O:200 *:403         | O:200 CBPNL:404 FA:403
GET    /v1/deliveries            | *:200               | *:200               | OA:200 *:-
POST   /v1/deliveries            | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/deliveries/{code}     | *:200               | *:200               | OA:200 *:404
POST   /v1/deliveries/{code}/refusals | OCBPN:201 *:403 | O:201 *:403        | O:201 CBPN:404 *:403
POST   /v1/hand-overs/{code}/refusals | OCBPN:201 *:403 | O:201 *:403        | O:201 CBPN:404 *:403
GET    /v1/returns               | *:200               | *:200               | OA:200 *:-
POST   /v1/returns               | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/returns/{code}        | *:200               | *:200               | OA:200 *:404
GET    /v1/destructions          | *:200               | *:200               | OA:200 *:-
POST   /v1/destructions          | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/destructions/{code}   | *:200               | *:200               | OA:200 *:404
GET    /v1/outside-lots          | *:200               | *:200               | OA:200 *:-
POST   /v1/outside-lots          | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/outside-lots/{code}   | *:200               | *:200               | OA:200 *:404
GET    /v1/cases                 | *:200               | *:200               | OA:200 *:-
POST   /v1/cases                 | OPN:201 *:403       | O:201 *:403         | O:201 *:403
GET    /v1/cases/{code}          | *:200               | *:200               | OA:200 *:404
POST   /v1/cases/{code}/unpack   | OPN:201 *:403       | O:201 PN:404 *:403  | O:201 PN:404 *:403
GET    /v1/reworks               | *:200               | *:200               | OA:200 *:-
POST   /v1/reworks               | OPN:201 *:403       | O:201 *:403         | O:201 *:403
GET    /v1/reworks/{code}        | *:200               | *:200               | OA:200 *:404
POST   /v1/label-jobs            | OPN:201 *:403       | O:201 *:403         | O:201 *:403
GET    /v1/exports/deliveries    | *:200
GET    /v1/exports/returns       | *:200
GET    /v1/exports/destructions  | *:200
GET    /v1/exports/outside-lots  | *:200
GET    /v1/exports/cases         | *:200
GET    /v1/exports/reworks       | *:200
GET    /v1/exports/inputs        | *:200
GET    /v1/exports/input-products | *:200
GET    /v1/exports/purchases     | *:200
GET    /v1/exports/field-work    | *:200
GET    /v1/exports/certificates  | *:200
GET    /v1/exports/slips         | *:200
GET    /v1/exports/paper-forms   | *:200
GET    /v1/label-jobs/{code}/labels | OPN:200 *:403    | O:200 PN:404 *:403  | O:200 PN:404 *:403
GET    /v1/lots/{code}/recall-scope    | *:200         | OA:200 *:403        | OA:200 *:404
GET    /v1/plots/{code}/recall-scope   | *:200         | OA:200 *:403        | OA:200 *:404
GET    /v1/inputs/{code}/recall-scope  | *:200         | OA:200 *:403        | OA:200 *:404
GET    /v1/results/{code}/recall-scope | OA:200 *:403  | *:200               | OA:200 *:404
GET    /v1/recalls/{code}/scope        | *:200         | OA:200 *:403        | OA:200 *:404
GET    /v1/recalls/{code}/codes        | *:200         | OA:200 *:403        | OA:200 *:404
POST   /v1/recalls/{code}/steps    | OFPN:201 *:403   | O:201 FPN:403 *:403 | O:201 FPN:404 *:403
GET    /v1/recalls/{code}/progress | *:200            | OA:200 *:403        | OA:200 *:404
POST   /v1/recalls/{code}/notices  | OFPN:201 *:403   | O:201 FPN:403 *:403 | O:201 FPN:404 *:403
POST   /v1/recalls/{code}/reports  | OFPN:201 *:403   | O:201 FPN:403 *:403 | O:201 FPN:404 *:403
GET    /v1/recall-contacts         | A:- *:200        | O:200 *:-           | O:200 *:-
POST   /v1/recall-contacts         | OFPN:201 *:403   | O:201 *:403         | O:201 *:403
GET    /v1/recall-contacts/{code}  | A:404 *:200      | O:200 *:404         | O:200 *:404
DELETE /v1/recall-contacts/{code}  | OFPN:200 *:403   | O:200 FPN:404 *:403 | O:200 FPN:404 *:403
GET    /v1/recall-notices          | *:200            | *:200               | OA:200 *:-
GET    /v1/recall-notices/{code}   | *:200            | *:200               | OA:200 *:404
POST   /v1/recall-notices/{code}/outcomes | OFPN:201 *:403 | O:201 *:403      | O:201 FPN:404 *:403
GET    /v1/recall-reports          | *:200            | OA:200 *:-          | OA:200 *:-
GET    /v1/recall-reports/{code}   | *:200            | OA:200 *:404        | OA:200 *:404
GET    /v1/recall-notices/{code}/print | *:200        | *:200               | OA:200 *:404
GET    /v1/recall-reports/{code}/print | *:200        | OA:200 *:404        | OA:200 *:404
GET    /v1/recall-drills           | *:200            | OA:200 *:-          | OA:200 *:-
POST   /v1/recall-drills           | OFPN:201 *:403   | O:201 *:403         | O:201 *:403
GET    /v1/recall-drills/{code}    | *:200            | OA:200 *:404        | OA:200 *:404
GET    /v1/recall-drills/{code}/print | *:200         | OA:200 *:404        | OA:200 *:404
"""


def rows() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield method, route and the cells of its three sides."""
    for line in TABLE.strip().splitlines():
        address, *cells = (part.strip() for part in line.split("|"))
        method, route = address.split()
        yield method, route, tuple(cells * 3 if len(cells) == 1 else cells)


def expected(cell: str) -> dict[str, str]:
    """Return what each role gets."""
    told = dict(part.split(":") for part in cell.split())
    rest = told.pop("*", None)
    found = {letter: status for letters, status in told.items() for letter in letters}
    return {letter: found.get(letter) or rest or "no status" for letter in LETTERS}
