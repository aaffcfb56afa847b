"""The pages for people: the same domain functions as `api`, templates instead of JSON."""

from functools import partial

from api.app import Api
from api.state import state_of
from web.certificates import blueprint as certificates
from web.errors import error_page
from web.look_up import LookUp, set_look_up
from web.pages import answer_kept, blueprint
from web.slips import blueprint as slips


def add_pages(app: Api) -> None:
    """Give an application its pages and their static files."""
    look_up = LookUp(state_of(app), app.logger)
    set_look_up(app, look_up)
    app.register_blueprint(blueprint)
    app.register_blueprint(slips)
    app.register_blueprint(certificates)
    app.error_page = error_page
    app.at_hand = partial(answer_kept, look_up)
