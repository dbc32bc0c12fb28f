"""What can be refused. The docstring of a class is its message in logs; people read the phrase."""

from __future__ import annotations


class ShianError(Exception):
    """Something was refused."""

    code = "error"
    status = 409

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(f"{type(self).__doc__} {details}" if details else type(self).__doc__)


class MoveNotAllowed(ShianError):
    """The ticket's state table has no such move."""

    code = "move_not_allowed"


class NoSuchItem(ShianError):
    """The library has no such item, or it was changed since the page was loaded."""

    code = "no_such_item"
    status = 409


class DatesRefused(ShianError):
    """The dates of an occasion cannot be kept; `reasons` names what is wrong."""

    code = "dates_refused"
    status = 422


class UndatedRumour(ShianError):
    """A checked rumour says who said so and when; without a date it is not signed."""

    code = "undated_rumour"
    status = 422


class OwnDraft(ShianError):
    """Nobody signs an item they wrote themselves."""

    code = "own_draft"
    status = 403


class SourceMissing(ShianError):
    """Nothing is taught without saying who said it, and where."""

    code = "source_missing"
    status = 422


class DraftIncomplete(ShianError):
    """A field of the item is empty, too short, too long or of the wrong form."""

    code = "draft_incomplete"
    status = 422


class PersonalData(ShianError):
    """The item holds a telephone number or an id number."""

    code = "personal_data"
    status = 422


class NotPermitted(ShianError):
    """This member of staff may not do that to this ticket."""

    code = "not_permitted"
    status = 403


class NoSuchTicket(ShianError):
    """There is no ticket of that number, or it is not theirs to see."""

    code = "no_such_ticket"
    status = 404


class ReasonMissing(ShianError):
    """This step needs a written reason."""

    code = "reason_missing"
    status = 422


class NoSuchUnit(ShianError):
    """The duty list names no such unit, or it stands for several."""

    code = "no_such_unit"
    status = 422


class NoSuchLabel(ShianError):
    """The taxonomy has no such intent or hazard."""

    code = "no_such_label"
    status = 422


class NothingCorrected(ShianError):
    """The correction says what the ticket says already."""

    code = "nothing_corrected"
    status = 422


class ForbiddenWording(ShianError):
    """The text promises what the law does not let an office promise (law.md §11)."""

    code = "forbidden_wording"
    status = 422


class Stale(ShianError):
    """The ticket changed since the page was loaded."""

    code = "stale"


class SameUnit(ShianError):
    """The ticket is with that unit already, or the unit is not one it can go to."""

    code = "same_unit"
    status = 422


class PingPong(ShianError):
    """The ticket was handed on too often; only the office may move it now."""

    code = "ping_pong"


class NoSuchTask(ShianError):
    """There is no such open task of this unit."""

    code = "no_such_task"
    status = 404


class GroundMissing(ShianError):
    """Declining and terminating need one of the grounds the law lists (arts. 16 and 23)."""

    code = "ground_missing"
    status = 422


class NoSuchClock(ShianError):
    """The ticket has no running clock of that name."""

    code = "no_such_clock"
    status = 422


class ReceiptMissing(ShianError):
    """The day of formal receipt lies before the ticket or in the future."""

    code = "receipt_missing"
    status = 422


class DecisionMissing(ShianError):
    """The law wants a decision before the end of this matter (Order 121 arts. 15, 23; 64)."""

    code = "decision_missing"


class NotLookedAt(ShianError):
    """Nobody strikes off a ticket without having opened it as it stands."""

    code = "not_looked_at"


class DueMissing(ShianError):
    """An order needs a deadline that is not over."""

    code = "due_missing"
    status = 422


class NoSuchOrder(ShianError):
    """The ticket has no such open order (督办)."""

    code = "no_such_order"
    status = 404


class FactsOnly(ShianError):
    """The incident is under facts-only mode: only signed-off statements go out."""

    code = "facts_only"


class NoSuchRelease(ShianError):
    """There is no such statement to sign, or no such incident to write one for."""

    code = "no_such_release"
    status = 404


class SelfSigned(ShianError):
    """Nobody signs off their own statement."""

    code = "self_signed"
    status = 403


class NoSuchIncident(ShianError):
    """The ticket is part of no incident."""

    code = "no_such_incident"
    status = 404


class NoSuchProposal(ShianError):
    """Nobody proposed to link these two, or it is decided already."""

    code = "no_such_proposal"
    status = 404


class ClockRefused(ShianError):
    """The law or the state of the clock does not allow this."""

    code = "clock_refused"
    status = 422


class NothingToUnmask(ShianError):
    """The citizen left no identity with this matter."""

    code = "nothing_to_unmask"
    status = 404


class VaultKeyMissing(ShianError):
    """A sealed value cannot be opened: its key is not in the ring, or the value was altered."""

    code = "vault_key_missing"
    status = 503


class NotBound(ShianError):
    """Order 121 does not know this step for a department other than market regulation."""

    code = "not_bound"


class NoSuchForm(ShianError):
    """There is no such form for this kind of matter."""

    code = "no_such_form"
    status = 404


class NoSuchCampaign(ShianError):
    """There is no such campaign, poll, testing day or contest, or it is past that step."""

    code = "no_such_campaign"
    status = 404


class CampaignRefused(ShianError):
    """The campaign cannot be sent as it stands; `reasons` names everything that is wrong."""

    code = "campaign_refused"
    status = 422


class NotApproved(ShianError):
    """Nobody else has approved the campaign yet, or not enough people."""

    code = "not_approved"


class PollStage(ShianError):
    """The poll is not at the stage where this is done."""

    code = "poll_stage"


class FormRefused(ShianError):
    """The form of a campaign is not complete or not possible; `refused` names what."""

    code = "form_refused"
    status = 422


class ResultsMissing(ShianError):
    """Some samples have no conclusion yet."""

    code = "results_missing"


class BasisMissing(ShianError):
    """A merchant is named with a bad result: that needs a legal basis with its document number."""

    code = "basis_missing"
    status = 422


class BadTable(ShianError):
    """A table of results has mistakes: (line, what, the words) each. Nothing was taken over."""

    code = "bad_table"
    status = 422


class FourEyes(ShianError):
    """Nobody signs what they wrote or entered themselves."""

    code = "four_eyes"
    status = 403
