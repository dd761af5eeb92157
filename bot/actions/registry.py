"""The actions of the domain, and how each answers."""

from rasa_sdk.executor import ActionExecutor

from bot.actions.aid_answers import answer_delay, answer_sheet
from bot.actions.eligibility import answer_search
from bot.actions.file_status import answer_status
from bot.actions.region_action import RegionAction
from bot.actions.services import Services
from bot.actions.turn import Answering
from bot.actions.written_answers import answer_written

ACTIONS: dict[str, Answering] = {
    "action_repondre": answer_written,
    "action_fiche_aide": answer_sheet,
    "action_chercher_aide": answer_search,
    "action_statut_dossier": answer_status,
    "action_delai": answer_delay,
}


def build_executor(services: Services) -> ActionExecutor:
    """An executor that knows every action of the domain."""
    executor = ActionExecutor()
    for name, answering in ACTIONS.items():
        executor.register_action(RegionAction(name, answering, services))
    return executor
